# The image of ON News, without developers' tools. docs/hosting.md says how to run it.
# Python's image is named by its tag, so it gets updates; everything installed in it is pinned by hash. To pin the image too,
# pass the digest that your registry shows: --build-arg PYTHON_IMAGE=docker.io/library/python:3.11-slim@sha256:…
ARG PYTHON=3.11
ARG PYTHON_IMAGE=docker.io/library/python:${PYTHON}-slim

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
COPY . .
RUN PYTHON=python3 deploy/install /opt/onnews

FROM ${PYTHON_IMAGE}
RUN useradd --system --uid 10001 --home-dir /data onnews && install -d -o onnews -m 700 /data
COPY --from=build /opt/onnews /opt/onnews
USER onnews
# Relative paths in the settings start here, and all lasting data is here.
WORKDIR /data
VOLUME /data
ENV PATH=/opt/onnews/bin:$PATH PYTHONUNBUFFERED=1
HEALTHCHECK --interval=60s --timeout=30s --start-period=2m CMD ["onnews", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["onnews"]
CMD ["run"]
