{{ bitrix24.staging('currencies', {
    'currency': 'text', 'full_name': 'text', 'amount': 'number', 'amount_cnt': 'number', 'base': 'boolean',
}) }}
