# Kefu's server, without a model: docker build -t kefu . ; deploy/compose.yml runs it.
FROM python:3.11-slim
WORKDIR /kefu
COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
COPY LICENSE ./
COPY graph graph
COPY nodes nodes
COPY tools tools
COPY ui ui
COPY data data
RUN useradd --system kefu && install -d -o kefu /var/lib/kefu
USER kefu
ENV PYTHONPATH=/kefu PYTHONUNBUFFERED=1 KEFU_HOST=0.0.0.0 KEFU_VAR=/var/lib/kefu
VOLUME /var/lib/kefu
EXPOSE 7860
HEALTHCHECK --start-period=5m --interval=15s --timeout=5s \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:7860/health')"]
CMD ["python", "-m", "ui", "serve"]
