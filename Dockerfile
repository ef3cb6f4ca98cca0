# worksteal as an image: every role and every command.
#
#   docker build --tag worksteal:0.1.0 .
#   docker run --env-file account.env worksteal:0.1.0 keep
#   docker exec CONTAINER worksteal status
#
# The second stage holds Node, what `npm ci --omit=dev` would install, and what was built; it runs nothing
# while it is made, so that any base with Node will do, one without a shell too: NODE_IMAGE names it.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY runtime runtime
RUN npm ci --ignore-scripts --no-progress
COPY . .
RUN npm run --silent prepare && deploy/image/assemble /out && mkdir /state

FROM ${NODE_IMAGE}
COPY --from=build /out /
# For a volume with files that a role writes, such as keys of bots; a new volume takes over its owner.
COPY --from=build --chown=65532:65532 /state /var/lib/worksteal
WORKDIR /app
# 65532 has no name, no home and no rights in any base. The user needs to write nothing but /tmp.
USER 65532:65532
# The role serves its metrics, /healthz and /readyz here; inside the container alone, unless
# WORKSTEAL_METRICS_HOST says otherwise.
ENV NODE_ENV=production WORKSTEAL_METRICS_PORT=9464
HEALTHCHECK --interval=10s --timeout=20s --retries=3 --start-period=60s \
  CMD ["node", "/app/deploy/image/ready.js"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/dist/cli/main.js"]
CMD ["--help"]
