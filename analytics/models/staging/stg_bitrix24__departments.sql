{{ bitrix24.staging('departments', {
    'id': 'integer', 'name': 'text', 'parent': 'integer', 'uf_head': 'integer', 'sort': 'integer',
}) }}
