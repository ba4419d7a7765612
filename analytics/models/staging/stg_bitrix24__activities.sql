{{ bitrix24.staging('activities', {
    'id': 'integer', 'owner_type_id': 'integer', 'owner_id': 'integer', 'type_id': 'integer', 'provider_id': 'text',
    'subject': 'text', 'responsible_id': 'integer', 'direction': 'integer', 'completed': 'boolean', 'created': 'time',
    'start_time': 'time', 'end_time': 'time', 'deadline': 'time',
}) }}
