{{ bitrix24.staging('lead_products', {
    'owner_id': 'integer', 'position': 'integer', 'id': 'integer', 'product_id': 'integer', 'product_name': 'text',
    'price': 'number', 'quantity': 'number',
}) }}
