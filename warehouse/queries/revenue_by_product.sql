-- Revenue by product, in won deals
--
-- A product row that was removed from a deal can stay in the warehouse, with an older date than the deal. The query counts
-- the newest rows of a deal if they are as new as the deal itself: none, if the deal's last row was removed.
WITH newest_rows AS (
    SELECT * FROM deal_products
    QUALIFY date_modify = max(date_modify) OVER (PARTITION BY owner_id)
)
SELECT
    coalesce(products.name, newest_rows.product_name) AS product,
    deals.currency_id AS currency,
    count(DISTINCT deals.id) AS deals,
    sum(newest_rows.quantity)::DECIMAL(18, 2) AS quantity,
    sum(newest_rows.price * newest_rows.quantity)::DECIMAL(18, 2) AS revenue
FROM deals
JOIN newest_rows ON newest_rows.owner_id = deals.id AND newest_rows.date_modify >= deals.date_modify
LEFT JOIN products ON products.id = newest_rows.product_id
WHERE deals.stage_semantic_id = 'S'
GROUP BY ALL
ORDER BY revenue DESC, product, currency;
