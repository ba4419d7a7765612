{{ bitrix24.staging('lead_contacts', {
    'lead_id': 'integer', 'position': 'integer', 'contact_id': 'integer',
}) }}
