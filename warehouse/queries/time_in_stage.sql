-- Time in stage: how long deals stay in each stage of each pipeline
--
-- A stay begins when a deal enters a stage and ends with the deal's next move. The query counts finished stays only.
WITH stays AS (
    SELECT
        category_id,
        stage_id,
        created_time AS entered,
        lead(created_time) OVER (PARTITION BY owner_id ORDER BY created_time, id) AS left_at
    FROM deal_stage_history
)
SELECT
    deal_pipelines.name AS pipeline,
    deal_pipeline_stages.name AS stage,
    count(*) AS stays,
    round(avg(epoch(left_at - entered)) / 86400, 2) AS average_days,
    round(median(epoch(left_at - entered)) / 86400, 2) AS median_days
FROM stays
JOIN deal_pipelines ON deal_pipelines.id = stays.category_id
JOIN deal_pipeline_stages ON deal_pipeline_stages.status_id = stays.stage_id
WHERE left_at IS NOT NULL
GROUP BY ALL
ORDER BY min(deal_pipelines.sort), min(deal_pipeline_stages.sort);
