{{ bitrix24.staging('statuses', {
    'id': 'integer', 'entity_id': 'text', 'status_id': 'text', 'name': 'text', 'sort': 'integer',
    'category_id': 'integer', 'semantics': 'text',
}) }}
