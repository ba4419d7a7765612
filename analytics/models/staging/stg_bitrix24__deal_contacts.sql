{{ bitrix24.staging('deal_contacts', {
    'deal_id': 'integer', 'position': 'integer', 'contact_id': 'integer',
}) }}
