{{ bitrix24.staging('contact_companies', {
    'contact_id': 'integer', 'position': 'integer', 'company_id': 'integer', 'is_primary': 'boolean', 'sort': 'integer',
}) }}
