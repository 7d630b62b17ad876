# The image of rhapsode: the program, a voice, and nothing that compiles. docs/stack.md explains the arguments.
#   DOCKER_BUILDKIT=1 docker build -t rhapsode .

# Any Debian with a Rust that the workspace's rust-version allows; a C++ compiler and CMake are added where they are
# missing.
ARG RUST_IMAGE=rust:1.95-slim-bookworm
ARG DEBIAN_IMAGE=debian:bookworm-slim
# compiled: from this checkout. given: the program that lies at dist/rhapsode.
ARG PROGRAM=compiled
# fetched: from where the program gets voices. given: the packs in dist/voices. none: the volume has to have one.
ARG VOICE=fetched

FROM ${RUST_IMAGE} AS compiled
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked \
    command -v c++ >/dev/null && command -v cmake >/dev/null || { \
        apt-get update && apt-get install --yes --no-install-recommends cmake g++ make; }
WORKDIR /source
COPY Cargo.toml Cargo.lock ./
COPY crates crates
COPY tests tests
COPY docker-compose.yml .env.example ./
# The caches are no part of the image, so what is wanted of them is copied out.
RUN --mount=type=cache,target=/cache/cargo --mount=type=cache,target=/cache/target \
    CARGO_HOME=/cache/cargo CARGO_TARGET_DIR=/cache/target \
        cargo build --locked --profile dist --package rhapsode \
    && install -D --strip /cache/target/dist/rhapsode /out/rhapsode

FROM scratch AS given
COPY dist/rhapsode /out/rhapsode

FROM ${PROGRAM} AS program

FROM ${DEBIAN_IMAGE} AS voice-fetched
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked \
    command -v pip3 >/dev/null || { \
        apt-get update && apt-get install --yes --no-install-recommends ca-certificates python3-pip; }
COPY --from=program /out/rhapsode /usr/local/bin/rhapsode
# The name of the voice; the default voice if it is empty.
ARG VOICE_NAME=
# What the machine's package client is set up with can be handed in as a secret, which leaves no trace.
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    RHAPSODE_STORAGE_VOICES=/out/voices rhapsode voices fetch ${VOICE_NAME}

FROM scratch AS voice-given
COPY dist/voices /out/voices

FROM ${DEBIAN_IMAGE} AS voice-none
RUN mkdir -p /out/voices

FROM voice-${VOICE} AS voice

FROM ${DEBIAN_IMAGE} AS runtime
# Certificates are for speech servers elsewhere and for further voices. `ffmpeg` beside them serves MP3.
ARG PACKAGES=ca-certificates
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked \
    test -z "${PACKAGES}" || { \
        apt-get update && apt-get install --yes --no-install-recommends ${PACKAGES}; }
# Volumes take over who owns the folder that they lie on, so the user has to be known here.
ARG PUID=1000
ARG PGID=1000
RUN install --directory --owner=${PUID} --group=${PGID} /data /data/takes /data/state /data/voices /books
COPY --from=voice --chown=${PUID}:${PGID} /out/voices /data/voices
COPY --from=program /out/rhapsode /usr/local/bin/rhapsode
# Fails the build where the program was made for another system than the image's.
RUN ["/usr/local/bin/rhapsode", "--version"]

LABEL org.opencontainers.image.title="rhapsode" \
      org.opencontainers.image.description="Turns manuscripts into finished audiobooks" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
ENV HOME=/data/state \
    RHAPSODE_STORAGE_TAKES=/data/takes \
    RHAPSODE_STORAGE_VOICES=/data/voices \
    RHAPSODE_STORAGE_WORK=/data/state \
    UMASK=022
USER ${PUID}:${PGID}
WORKDIR /books
EXPOSE 5123
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s \
    CMD ["rhapsode", "serve", "--check", "--listen", "0.0.0.0:5123"]
ENTRYPOINT ["sh", "-c", "umask \"$UMASK\" && exec rhapsode \"$@\"", "rhapsode"]
CMD ["serve", "--listen", "0.0.0.0:5123"]
