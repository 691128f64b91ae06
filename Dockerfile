# The service as a container: one image for web, worker, scheduler and migrations. Runs as a normal user.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 DATA_DIR=/data

RUN useradd --create-home --uid 10001 newsletter && mkdir /data && chown newsletter /data
WORKDIR /app

COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock

COPY pyproject.toml README.md worker.py wsgi.py ./
COPY newsletter newsletter
COPY templates templates
COPY migrations migrations
RUN pip install --no-deps --no-build-isolation -e .

USER newsletter
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--no-control-socket", "wsgi:app"]
