{{ bitrix24.staging('deal_pipelines', {
    'id': 'integer', 'name': 'text', 'sort': 'integer',
}) }}
