# The service as a container: one image for web, worker, scheduler and migrations. Runs as a normal user.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 DATA_DIR=/data PATH=/app/.venv/bin:$PATH

# git, for `publish --git`.
RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*

RUN useradd --create-home --uid 10001 newsletter && mkdir /data && chown newsletter /data
WORKDIR /app

# The packages first: they change less often than the rest. What set them up is not needed afterwards.
COPY .ci/setup .ci/setup
COPY pyproject.toml requirements.lock requirements-build.lock README.md LICENSE NOTICES.md ./
COPY LICENSES LICENSES
COPY newsletter/__init__.py newsletter/
RUN .ci/setup && rm .venv/bin/uv .venv/bin/uvx

COPY worker.py wsgi.py gunicorn.conf.py ./
COPY newsletter newsletter
COPY templates templates
COPY migrations migrations

USER newsletter
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "wsgi:app"]
