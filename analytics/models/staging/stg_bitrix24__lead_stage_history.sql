{{ bitrix24.staging('lead_stage_history', {
    'id': 'integer', 'owner_id': 'integer', 'type_id': 'integer', 'status_id': 'text', 'status_semantic_id': 'text',
    'created_time': 'time',
}) }}
