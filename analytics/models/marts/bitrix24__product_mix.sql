{{ config(enabled=bitrix24.has_tables('deals', 'deal_products', 'deal_pipelines', 'deal_pipeline_stages')) }}
with sold as (
    select
        rows.owner_id,
        rows.product_id,
        coalesce(products.name, rows.product_name) as product,
        rows.quantity,
        cast(rows.price * rows.quantity as numeric(28, 4)) as amount,
        cast((coalesce(rows.price_brutto, rows.price + rows.discount_sum, rows.price) - rows.price) * rows.quantity as numeric(28, 4))
            as discount
    from {{ ref('stg_bitrix24__deal_products') }} as rows
    left join {{ ref('stg_bitrix24__products') }} as products on products.id = rows.product_id
)

select
    deals.closed_month,
    sold.product_id,
    sold.product,
    count(distinct deals.deal_id) as deals,
    sum(sold.quantity) as quantity,
    sum({{ bitrix24.converted('sold.amount', 'rates.rate') }}) as revenue,
    sum({{ bitrix24.converted('sold.discount', 'rates.rate') }}) as discount
from {{ ref('bitrix24__deals') }} as deals
inner join sold on sold.owner_id = deals.deal_id
left join {{ ref('int_bitrix24__rates') }} as rates on rates.currency = deals.currency
where deals.status = 'won'
group by deals.closed_month, sold.product_id, sold.product
