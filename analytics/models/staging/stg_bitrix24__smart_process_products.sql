{{ bitrix24.staging('smart_process_products', {
    'owner_type': 'text', 'owner_id': 'integer', 'position': 'integer', 'id': 'integer', 'product_id': 'integer',
    'product_name': 'text', 'price': 'number', 'quantity': 'number',
}) }}
