FROM python:3.13-slim

WORKDIR /app
COPY requirements/run.txt requirements/run.txt
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/run.txt
COPY pyproject.toml README.md ./
COPY shared shared
COPY services services
COPY migrations migrations
RUN pip install --no-cache-dir --no-deps --no-build-isolation --no-index . \
    && useradd --system --home-dir /app --shell /usr/sbin/nologin redress

USER redress
ENV REDRESS_HOST=0.0.0.0
EXPOSE 8000
ENTRYPOINT ["redress"]
CMD ["serve"]
