{{ bitrix24.staging('deals', {
    'id': 'integer', 'title': 'text', 'category_id': 'integer', 'stage_id': 'text', 'stage_semantic_id': 'text',
    'currency_id': 'text', 'opportunity': 'number', 'probability': 'integer', 'company_id': 'integer',
    'contact_id': 'integer', 'lead_id': 'integer', 'assigned_by_id': 'integer', 'source_id': 'text',
    'date_create': 'time', 'begindate': 'date', 'closedate': 'date', 'moved_time': 'time', 'utm_source': 'text',
    'utm_medium': 'text', 'utm_campaign': 'text', 'utm_content': 'text', 'utm_term': 'text',
}, definitions='deal_custom_field_definitions') }}
