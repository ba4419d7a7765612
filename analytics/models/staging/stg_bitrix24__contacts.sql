{{ bitrix24.staging('contacts', {
    'id': 'integer', 'name': 'text', 'second_name': 'text', 'last_name': 'text', 'company_id': 'integer',
    'assigned_by_id': 'integer', 'source_id': 'text', 'date_create': 'time',
}, definitions='contact_custom_field_definitions') }}
