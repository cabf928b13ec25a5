# mnav in a container: docker build --tag mnav . (docs/scheduling.md says how it is run). Two stages, so that no tool that builds stays inside.
FROM python:3.13-slim AS build
WORKDIR /checkout
COPY pyproject.toml README.md LICENSE ./
COPY treasury treasury
COPY scrapers scrapers
COPY db db
COPY scripts scripts
COPY mnav mnav
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
COPY constraints.txt /tmp/
RUN --mount=from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --constraint /tmp/constraints.txt "$(echo /wheels/mnav-*.whl)[html,excel,parquet]" \
    && useradd --uid 10001 --create-home mnav \
    && install --directory --owner mnav /data
USER mnav
WORKDIR /data
VOLUME /data
ENTRYPOINT ["mnav"]
CMD ["--help"]
