"""The day's story, a module a step: fetch, enrich, match, translate, select, plan, compose, send. Use-cases."""
