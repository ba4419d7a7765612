{{ bitrix24.staging('deal_pipeline_stages', {
    'id': 'integer', 'entity_id': 'text', 'category_id': 'integer', 'status_id': 'text', 'name': 'text',
    'sort': 'integer', 'semantics': 'text',
}) }}
