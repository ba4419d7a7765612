{{ bitrix24.staging('activity_bindings', {
    'activity_id': 'integer', 'position': 'integer', 'owner_type_id': 'integer', 'owner_id': 'integer',
}) }}
