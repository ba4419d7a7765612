{{ bitrix24.staging('deal_stage_history', {
    'id': 'integer', 'owner_id': 'integer', 'type_id': 'integer', 'category_id': 'integer', 'stage_id': 'text',
    'stage_semantic_id': 'text', 'created_time': 'time',
}) }}
