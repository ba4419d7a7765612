{{ bitrix24.staging('catalogs', {
    'id': 'integer', 'name': 'text',
}) }}
