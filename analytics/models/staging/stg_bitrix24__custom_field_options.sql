{{ bitrix24.staging('custom_field_options', {
    'id': 'integer', 'value': 'text', 'sort': 'integer',
}) }}
