# One image for the API, the worker and every `casewright` command.

FROM python:3.11-slim-bookworm AS build
WORKDIR /build
RUN python -m venv /opt/uv && python -m venv --without-pip /opt/casewright
COPY requirements-uv.lock requirements-run.lock requirements.lock ./
RUN /opt/uv/bin/python -m pip install --no-cache-dir --require-hashes -r requirements-uv.lock \
    && /opt/uv/bin/uv pip install --no-cache --python /opt/casewright/bin/python --compile-bytecode \
        --require-hashes -r requirements-run.lock
COPY pyproject.toml ./
COPY activities activities
COPY api api
COPY bench bench
COPY domain domain
COPY migrations migrations
COPY models models
COPY ops ops
COPY runtime runtime
COPY stores stores
COPY templates templates
COPY web web
COPY workers workers
COPY workflows workflows
# What builds the package is locked too, and stays out of the image.
RUN /opt/uv/bin/uv pip install --no-cache --python /opt/casewright/bin/python --compile-bytecode \
        --no-deps --build-constraints requirements.lock .

FROM python:3.11-slim-bookworm AS run
RUN useradd --uid 10001 --create-home --home-dir /var/lib/casewright --shell /usr/sbin/nologin casewright
COPY --from=build /opt/casewright /opt/casewright
ENV PATH=/opt/casewright/bin:$PATH PYTHONUNBUFFERED=1 CASEWRIGHT_HOME=/var/lib/casewright
WORKDIR /var/lib/casewright
USER 10001:10001
VOLUME /var/lib/casewright
EXPOSE 8000
CMD ["python", "-m", "web.main"]
