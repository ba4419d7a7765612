{{ config(enabled=bitrix24.has_tables('deals', 'deal_pipelines', 'deal_pipeline_stages')) }}
with purchases as (
    select
        case when company_id is not null then 'company' else 'contact' end as kind,
        coalesce(company_id, contact_id) as client_id,
        case when company_id is not null then company else contact end as customer,
        converted_amount,
        closed_at
    from {{ ref('bitrix24__deals') }}
    where status = 'won' and (company_id is not null or contact_id is not null)
)

select
    {{ dbt.concat(['kind', "' '", 'cast(client_id as ' ~ dbt.type_string() ~ ')']) }} as customer_key,
    kind,
    client_id,
    customer,
    count(*) as purchases,
    count(*) > 1 as is_repeat,
    sum(converted_amount) as revenue,
    min(closed_at) as first_purchase_at,
    max(closed_at) as last_purchase_at,
    round({{ bitrix24.days_between('min(closed_at)', 'max(closed_at)') }} / nullif(count(*) - 1, 0), 2) as days_between_purchases
from purchases
group by kind, client_id, customer
