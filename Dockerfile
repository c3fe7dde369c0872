# Serve finished runs from a container:
#   docker build -t academy .                            CPU
#   docker build -t academy --build-arg TORCH=cu128 .    NVIDIA GPU; any index of PyTorch's wheels
#   docker compose up
FROM python:3.12-slim-bookworm AS build
ARG TORCH=cpu
WORKDIR /build
COPY constraints.txt ./
RUN python -m venv /opt/academy \
    && torch="$(grep '^torch==' constraints.txt)" \
    && /opt/academy/bin/pip install --no-cache-dir "${torch}" --index-url "https://download.pytorch.org/whl/${TORCH}"
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN /opt/academy/bin/pip install --no-cache-dir -c constraints.txt ".[serve,mcp]"

FROM python:3.12-slim-bookworm
RUN useradd --create-home --uid 10001 academy
COPY --from=build /opt/academy /opt/academy
USER academy
WORKDIR /home/academy
ENV PATH=/opt/academy/bin:$PATH \
    HF_HUB_OFFLINE=1
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
# Runs are read from /home/academy/runs; ACADEMY_SERVE_KEY must be set, because the container listens on all addresses.
ENTRYPOINT ["academy"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
