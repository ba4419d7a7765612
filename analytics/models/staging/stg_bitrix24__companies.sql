{{ bitrix24.staging('companies', {
    'id': 'integer', 'title': 'text', 'company_type': 'text', 'industry': 'text', 'assigned_by_id': 'integer',
    'is_my_company': 'boolean', 'date_create': 'time',
}, definitions='company_custom_field_definitions') }}
