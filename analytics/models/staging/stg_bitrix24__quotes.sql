{{ bitrix24.staging('quotes', {
    'id': 'integer', 'title': 'text', 'status_id': 'text', 'currency_id': 'text', 'opportunity': 'number',
    'deal_id': 'integer', 'lead_id': 'integer', 'company_id': 'integer', 'contact_id': 'integer',
    'assigned_by_id': 'integer', 'date_create': 'time', 'closedate': 'date',
}, definitions='quote_custom_field_definitions') }}
