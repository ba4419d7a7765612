-- Users with their name and their first department
with users as (
    select
        id,
        {{ bitrix24.words('name', 'last_name') }} as full_name,
        email,
        {{ bitrix24.first_number('uf_department') }} as department_id
    from {{ ref('stg_bitrix24__users') }}
)

select
    users.id as user_id,
    coalesce(users.full_name, users.email) as user_name,
    users.department_id,
    departments.name as department
from users
left join {{ ref('stg_bitrix24__departments') }} as departments on departments.id = users.department_id
