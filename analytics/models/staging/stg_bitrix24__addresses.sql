{{ bitrix24.staging('addresses', {
    'type_id': 'integer', 'entity_type_id': 'integer', 'entity_id': 'integer', 'address_1': 'text', 'city': 'text',
    'postal_code': 'text', 'country': 'text',
}) }}
