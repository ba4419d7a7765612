{{ bitrix24.staging('products', {
    'id': 'integer', 'name': 'text', 'active': 'boolean', 'price': 'number', 'currency_id': 'text',
    'section_id': 'integer', 'catalog_id': 'integer',
}) }}
