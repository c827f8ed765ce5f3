# syntax=docker/dockerfile:1
# The forwarder without the embedded OpenSearch. It needs no capability, no writable file system but its data folder, and
# no particular account. 1000 is the account of OpenSearch's own images: both can read files of mode 0600 in a shared volume.
FROM python:3.13-slim-trixie AS build
WORKDIR /source
COPY requirements/build.txt requirements/image.txt requirements/
RUN python -m venv /build \
    && /build/bin/pip install --no-cache-dir --require-hashes --only-binary=:all: -r requirements/build.txt \
    && python -m venv --without-pip /opt/atlaslens \
    && pip --python /opt/atlaslens/bin/python install --no-cache-dir --no-compile --require-hashes \
        --only-binary=:all: -r requirements/image.txt
COPY pyproject.toml README.md LICENSE ./
COPY alerting alerting
COPY index_templates index_templates
COPY atlaslens_forwarder atlaslens_forwarder
RUN /build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /dist . \
    && pip --python /opt/atlaslens/bin/python install --no-cache-dir --no-deps --no-index /dist/*.whl

FROM python:3.13-slim-trixie
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="atlaslens-forwarder" \
    org.opencontainers.image.description="Forwards Atlassian Cloud audit data to OpenSearch" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
# Folders that volumes are mounted on: a fresh volume takes over their owner.
RUN install -d -o 1000 -g 1000 -m 0700 /var/lib/atlaslens /bootstrap /bootstrap/private /bootstrap/opensearch \
        /bootstrap/setup /bootstrap/dashboards /bootstrap/forwarder /bootstrap/grafana
COPY --from=build /opt/atlaslens /opt/atlaslens
ENV PATH=/opt/atlaslens/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ATLASLENS_DATA_DIR=/var/lib/atlaslens \
    ATLASLENS_SERVICE__LISTEN_HOST=0.0.0.0
USER 1000:1000
VOLUME /var/lib/atlaslens
EXPOSE 9464
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:9464/healthz', timeout=4)"]
ENTRYPOINT ["atlaslens-forwarder"]
CMD ["run"]
