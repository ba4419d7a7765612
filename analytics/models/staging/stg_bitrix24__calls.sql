{{ bitrix24.staging('calls', {
    'id': 'integer', 'portal_user_id': 'integer', 'phone_number': 'text', 'call_type': 'integer',
    'call_duration': 'integer', 'call_start_date': 'time', 'call_failed_code': 'text', 'call_failed_reason': 'text',
    'cost': 'number', 'cost_currency': 'text', 'crm_entity_type': 'text', 'crm_entity_id': 'integer',
    'crm_activity_id': 'integer',
}) }}
