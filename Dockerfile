ARG BASE_IMAGE=docker.io/airbyte/python-connector-base:4.1.0@sha256:1d1aa21d34e851df4e8a87b391c27724c06e2597608e7161f4d167be853bd7b6

FROM ${BASE_IMAGE} AS builder
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
# Install the locked packages first, because they change rarely. pip compiles them to bytecode here, so nothing is written at run time.
COPY requirements.lock ./
RUN python -m venv --without-pip /opt/venv \
 && pip --python /opt/venv/bin/python install --require-hashes --only-binary :all: -r requirements.lock
COPY setup.py pyproject.toml README.md LICENSE ./
COPY source_bitrix24 ./source_bitrix24
RUN pip --python /opt/venv/bin/python install --no-deps --no-build-isolation . \
 && pip --python /opt/venv/bin/python check \
 && /opt/venv/bin/source-bitrix24 spec >/dev/null

FROM ${BASE_IMAGE}
COPY --from=builder /opt/venv /opt/venv
# The platform runs "$AIRBYTE_ENTRYPOINT read ..." in its own shell and from another folder, so the program needs its full path.
ENV PATH="/opt/venv/bin:${PATH}" \
    PYTHONDONTWRITEBYTECODE=1 \
    AIRBYTE_ENTRYPOINT="/opt/venv/bin/source-bitrix24"
WORKDIR /airbyte/integration_code
ENTRYPOINT ["/opt/venv/bin/source-bitrix24"]
LABEL io.airbyte.name="airbyte/source-bitrix24" \
      io.airbyte.version="0.1.0"
USER airbyte
