{{ bitrix24.staging('requisites', {
    'id': 'integer', 'entity_type_id': 'integer', 'entity_id': 'integer', 'name': 'text', 'rq_inn': 'text',
    'rq_company_name': 'text',
}) }}
