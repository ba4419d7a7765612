{{ bitrix24.staging('users', {
    'id': 'integer', 'name': 'text', 'last_name': 'text', 'email': 'text', 'active': 'boolean', 'work_position': 'text',
    'uf_department': 'json',
}) }}
