{{ bitrix24.staging('deal_products', {
    'owner_id': 'integer', 'position': 'integer', 'id': 'integer', 'product_id': 'integer', 'product_name': 'text',
    'price': 'number', 'quantity': 'number', 'price_brutto': 'number', 'discount_sum': 'number',
    'discount_rate': 'number', 'tax_rate': 'number', 'tax_included': 'boolean',
}) }}
