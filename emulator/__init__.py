"""A portal to run against: it answers like Bitrix24, including what is awkward (docs/portal.md). Not shipped."""
