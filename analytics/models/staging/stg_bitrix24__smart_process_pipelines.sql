{{ bitrix24.staging('smart_process_pipelines', {
    'id': 'integer', 'entity_type_id': 'integer', 'name': 'text', 'sort': 'integer',
}) }}
