{{ bitrix24.staging('smart_invoices', {
    'id': 'integer', 'account_number': 'text', 'title': 'text', 'stage_id': 'text', 'category_id': 'integer',
    'currency_id': 'text', 'opportunity': 'number', 'company_id': 'integer', 'contact_id': 'integer',
    'parent_id_2': 'integer', 'assigned_by_id': 'integer', 'created_time': 'time', 'begindate': 'date',
    'closedate': 'date', 'moved_time': 'time',
}) }}
