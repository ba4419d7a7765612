{{ bitrix24.staging('leads', {
    'id': 'integer', 'title': 'text', 'status_id': 'text', 'status_semantic_id': 'text', 'source_id': 'text',
    'currency_id': 'text', 'opportunity': 'number', 'assigned_by_id': 'integer', 'company_id': 'integer',
    'contact_id': 'integer', 'date_create': 'time', 'moved_time': 'time', 'date_closed': 'time', 'utm_source': 'text',
    'utm_medium': 'text', 'utm_campaign': 'text', 'utm_content': 'text', 'utm_term': 'text',
}, definitions='lead_custom_field_definitions') }}
