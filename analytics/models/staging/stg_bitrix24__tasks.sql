{{ bitrix24.staging('tasks', {
    'id': 'integer', 'title': 'text', 'status': 'integer', 'responsible_id': 'integer', 'created_by': 'integer',
    'created_date': 'time', 'deadline': 'time', 'closed_date': 'time',
}) }}
