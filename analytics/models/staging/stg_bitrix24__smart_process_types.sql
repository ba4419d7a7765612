{{ bitrix24.staging('smart_process_types', {
    'entity_type_id': 'integer', 'title': 'text',
}) }}
