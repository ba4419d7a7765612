{{ bitrix24.staging('quote_contacts', {
    'quote_id': 'integer', 'position': 'integer', 'contact_id': 'integer',
}) }}
