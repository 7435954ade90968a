"""Manifests and entry points as people write them, by stack and path: what hostile trees are mutated from."""
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Mapping

STACKS: Mapping[str, Mapping[str, str]] = {
    "python": {
        "pyproject.toml": (
            '[project]\nname = "shop"\nversion = "1.0"\nrequires-python = ">=3.11,<4"\ndependencies = ["fastapi>=0.110", "uvicorn[standard]", '
            '"psycopg[binary]", "celery[redis]"]\n\n[project.scripts]\nshop = "shop.main:run"\n\n[tool.poetry.dependencies]\npython = "^3.12"\n'
            'django = {version = "^5.0", extras = ["bcrypt"]}\n\n[dependency-groups]\ndev = ["pytest", {include-group = "lint"}]\nlint = ["ruff"]\n'
        ),
        "setup.cfg": "[metadata]\nname = shop\n[options]\ninstall_requires =\n  flask\n  gunicorn\n",
        "setup.py": "from setuptools import setup\nsetup(name='shop', install_requires=['flask', 'redis'], scripts=['bin/shop'])\n",
        "requirements.txt": "-r base.txt\n-c limits.txt\nfastapi==0.110.0 ; python_version > '3.8'\ngunicorn\nuvicorn\n-e .\n",
        "Pipfile": '[packages]\nflask = "*"\n[requires]\npython_version = "3.12"\n',
        "uv.lock": 'version = 1\n[[package]]\nname = "fastapi"\nversion = "0.110.0"\n',
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
        "shop/settings.py": "import os\nSECRET_KEY = os.environ['SECRET_KEY']\nDATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql'}}\n",
        "shop/main.py": (
            "import os\nfrom fastapi import FastAPI\nimport uvicorn\nfrom .db import url\napp = FastAPI()\n\n@app.get('/healthz')\ndef health():\n"
            "    return {}\n\nif __name__ == '__main__':\n    uvicorn.run('shop.main:app', host='0.0.0.0', port=int(os.getenv('PORT', '8000')))\n"
        ),
        "shop/db.py": "import os\nfrom shop.main import app\nurl = os.environ.get('DATABASE_URL', f'postgres://{os.uname().nodename}/shop')\n",
        ".python-version": "3.12.1\n",
        "Procfile": "web: gunicorn shop.wsgi --bind 0.0.0.0:$PORT\nworker: celery -A shop worker\n",
    },
    "node": {
        "package.json": (
            '{"name": "shop", "main": "src/index.js", "type": "module", "packageManager": "pnpm@9.1.0", "workspaces": ["packages/*"],\n'
            ' "engines": {"node": ">=20"}, "scripts": {"start": "node src/index.js", "build": "next build && tsc -p .", "migrate": "prisma migrate"},\n'
            ' "dependencies": {"express": "^4.19.0", "pg": "8", "next": "14"}, "devDependencies": {"typescript": "^5", "vite": "5"}}\n'
        ),
        "package-lock.json": '{"name": "shop", "lockfileVersion": 3, "packages": {"": {"name": "shop"}, "node_modules/pg": {"version": "8.0.0"}}}\n',
        "pnpm-workspace.yaml": "packages:\n  - 'packages/*'\n",
        "packages/web/package.json": '{"name": "web", "scripts": {"start": "next start -p 3001"}, "dependencies": {"next": "14", "shop": "workspace:*"}}\n',
        "src/index.js": (
            "import express from 'express';\nimport { Pool } from 'pg';\nconst { PORT = 3000, SECRET } = process.env;\nconst app = express();\n"
            "app.get('/health', (req, res) => res.send(`ok ${SECRET}`));\nnew Pool({ connectionString: process.env.DATABASE_URL });\n"
            "app.listen(Number(PORT) || 3000);\n"
        ),
        "tsconfig.json": '{\n  // comment\n  "extends": "./tsconfig.json",\n  "compilerOptions": {"outDir": "dist",},\n}\n',
        "next.config.js": "module.exports = { output: 'standalone', rewrites: async () => [{ source: '/api/:p*', destination: 'http://api:80/:p*' }] };\n",
        "prisma/schema.prisma": 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n',
        "nx.json": "{}\n",
        "turbo.json": '{"tasks": {"build": {"outputs": ["dist/**"]}}}\n',
        "apps/site/project.json": '{"name": "site", "targets": {"build": {"executor": "@nx/vite:build", "options": {"outputPath": "dist/site"}}}}\n',
        ".nvmrc": "lts/iron\n",
    },
    "deno": {
        "deno.json": (
            '{"tasks": {"start": "deno run -A --port=8000 main.ts", "build": "deno task start && vite build"}, "imports": {"oak": "jsr:@oak/oak@17", '
            '"$std/": "https://deno.land/std@0.224.0/"}, "workspace": ["./api"], "exports": "./main.ts"}\n'
        ),
        "api/deno.jsonc": '{ /* inner */ "name": "@shop/api", "tasks": {"dev": {"command": "deno run main.ts"}} }\n',
        "deno.lock": '{"version": "4", "specifiers": {"jsr:@oak/oak@17": "17.1.0"}}\n',
        "main.ts": (
            "import { Application } from 'oak';\nconst port = Number(Deno.env.get('PORT') ?? '8000');\nDeno.serve({ port }, () => new Response('ok'));\n"
            "const kv = await Deno.openKv();\nawait new Application().listen({ port });\n"
        ),
    },
    "go": {
        "go.mod": "module example.com/shop\n\ngo 1.22\n\ntoolchain go1.22.3\n\nrequire (\n\tgithub.com/lib/pq v1.10.9 // indirect\n)\n\nreplace a => ./b\n",
        "go.work": "go 1.22\n\nuse (\n\t.\n\t./api\n)\n",
        "main.go": (
            'package main\n\nimport (\n\t"flag"\n\t"net/http"\n\t"os"\n\n\t_ "github.com/lib/pq"\n)\n\nvar addr = flag.String("addr", ":8080", "listen")\n\n'
            'func main() {\n\thttp.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) {})\n\tport := os.Getenv("PORT")\n'
            '\tif port == "" {\n\t\tport = "8080"\n\t}\n\thttp.ListenAndServe(":"+port, nil)\n}\n'
        ),
        "api/go.mod": "module example.com/api\n",
        "api/main.go": 'package main\n\nimport "example.com/shop/config"\n\nfunc main() { config.Load() }\n',
        "config/config.go": 'package config\n\ntype C struct {\n\tURL string `env:"DATABASE_URL,required" envDefault:"x"`\n}\n\nfunc Load() C { return Load() }\n',
    },
    "ruby": {
        "Gemfile": "source 'https://rubygems.org'\nruby '3.3.0'\ngem 'rails', '~> 7.1'\ngem 'pg'\ngroup :development do\n  gem 'puma', '>= 5'\nend\n",
        "Gemfile.lock": "GEM\n  remote: https://rubygems.org/\n  specs:\n    rails (7.1.0)\n      pg (>= 1)\n\nRUBY VERSION\n   ruby 3.3.0p0\n",
        "config.ru": "require_relative 'config/environment'\nrun Rails.application\n",
        "config/puma.rb": "port ENV.fetch('PORT') { 3000 }\nworkers Integer(ENV['WEB_CONCURRENCY'] || 2)\n",
        "config/database.yml": "default: &default\n  adapter: postgresql\n  pool: <%= ENV.fetch('POOL') { 5 } %>\nproduction:\n  <<: *default\n",
        "config/routes.rb": "Rails.application.routes.draw do\n  get 'up' => 'rails/health#show'\nend\n",
        "config/application.rb": "require 'rails/all'\nmodule Shop\n  class Application < Rails::Application\n  end\nend\n",
        "app.rb": "require 'sinatra'\nset :port, ENV['PORT'].to_i\nget('/health') { 'ok' }\n",
        "lib/tasks/x.rake": "task x: :environment do\nend\n",
    },
    "php": {
        "composer.json": (
            '{"name": "acme/shop", "require": {"php": "^8.2", "laravel/framework": "^11.0", "ext-pdo_pgsql": "*", "predis/predis": "^2"},\n'
            ' "scripts": {"post-install-cmd": ["@php artisan migrate"]}, "autoload": {"psr-4": {"App\\\\": "app/"}}}\n'
        ),
        "composer.lock": '{"packages": [{"name": "laravel/framework", "version": "v11.0.0", "require": {"php": "^8.2"}}], "packages-dev": []}\n',
        "artisan": "#!/usr/bin/env php\n<?php require 'vendor/autoload.php';\n",
        "public/index.php": "<?php\n$app = require __DIR__.'/../bootstrap/app.php';\necho getenv('APP_KEY') ?: $_ENV['X'];\n",
        "routes/web.php": "<?php\nuse Illuminate\\Support\\Facades\\Route;\nRoute::get('/health', fn () => 'ok');\n",
        "config/database.php": "<?php return ['default' => env('DB_CONNECTION', 'pgsql'), 'redis' => ['url' => env('REDIS_URL')]];\n",
        "config/services.yaml": "parameters:\n  x: '%env(int:PORT)%'\n",
        ".env.example": 'APP_KEY=\nDB_HOST=127.0.0.1\nX="a ${DB_HOST} b" # c\n',
    },
    "rust": {
        "Cargo.toml": (
            '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\nrust-version = "1.75"\n\n[workspace]\nmembers = ["crates/*"]\n\n[[bin]]\n'
            'name = "api"\npath = "src/main.rs"\n\n[dependencies]\naxum = "0.7"\nsqlx = { version = "0.7", features = ["postgres"] }\nclap = "4"\n'
        ),
        "Cargo.lock": 'version = 3\n\n[[package]]\nname = "axum"\nversion = "0.7.0"\n',
        "crates/lib/Cargo.toml": '[package]\nname = "lib"\nversion.workspace = true\n[dependencies]\nshop = { path = "../.." }\n',
        "src/main.rs": (
            'use axum::{routing::get, Router};\n#[derive(clap::Parser)]\nstruct Cli { #[arg(long, env = "PORT", default_value_t = 8080)] port: u16 }\n'
            '#[tokio::main]\nasync fn main() {\n    let app = Router::new().route("/healthz", get(|| async { "ok" }));\n'
            '    let url = std::env::var("DATABASE_URL").expect("url");\n    let l = tokio::net::TcpListener::bind(("0.0.0.0", 8080)).await.unwrap();\n'
            "    axum::serve(l, app).await.unwrap();\n}\n"
        ),
        "rust-toolchain.toml": '[toolchain]\nchannel = "1.79"\n',
    },
    "cpp": {
        "CMakeLists.txt": (
            'cmake_minimum_required(VERSION 3.20)\nproject(shop VERSION 1.0 LANGUAGES CXX)\nset(SRC main.cpp ${EXTRA})\nadd_executable(shop ${SRC})\n'
            "find_package(Boost REQUIRED COMPONENTS system)\ntarget_link_libraries(shop PRIVATE pthread Boost::system)\ninstall(TARGETS shop)\n"
        ),
        "main.cpp": (
            '#include "httplib.h"\n#include <cstdlib>\nint main(int argc, char **argv) {\n  httplib::Server s;\n  const char *p = std::getenv("PORT");\n'
            '  s.Get("/health", [](const auto &, auto &r) { r.set_content("ok", "text/plain"); });\n  s.listen("0.0.0.0", p ? atoi(p) : 8080);\n}\n'
        ),
        "meson.build": "project('shop', 'cpp')\nexecutable('shop', ['main.cpp'], dependencies: dependency('openssl'), install: true)\n",
        "Makefile": "CC = gcc\nall: shop\nshop: main.o\n\t$(CC) -o $@ $^ -lpthread\n",
    },
    "jvm": {
        "pom.xml": (
            '<?xml version="1.0"?>\n<project xmlns="http://maven.apache.org/POM/4.0.0">\n<modelVersion>4.0.0</modelVersion>\n<groupId>a</groupId>\n'
            "<artifactId>shop</artifactId><version>${revision}</version><packaging>jar</packaging>\n<parent><groupId>org.springframework.boot</groupId>"
            "<artifactId>spring-boot-starter-parent</artifactId><version>3.3.0</version></parent>\n<properties><revision>${revision}</revision>"
            "<java.version>21</java.version></properties>\n<modules><module>api</module><module>..</module></modules>\n<dependencies><dependency>"
            "<groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-web</artifactId></dependency></dependencies>\n</project>\n"
        ),
        "build.gradle": "plugins {\n  id 'org.springframework.boot' version '3.3.0'\n}\next { v = '1' }\ndependencies { implementation \"a:b:${v}\" }\n",
        "build.gradle.kts": 'plugins { kotlin("jvm") version "2.0.0"; application }\napplication { mainClass.set("shop.MainKt") }\n',
        "settings.gradle": "rootProject.name = 'shop'\ninclude 'api', ':web'\n",
        "gradle/libs.versions.toml": '[versions]\nktor = "2.3.0"\n[libraries]\nktor = { module = "io.ktor:ktor-server", version.ref = "ktor" }\n',
        "gradle.properties": "org.gradle.jvmargs=-Xmx2g\nversion=1.0\n",
        "src/main/resources/application.yml": "server:\n  port: ${PORT:8080}\nspring:\n  datasource:\n    url: ${DATABASE_URL}\n",
        "src/main/resources/application.properties": "server.port=${PORT:8081}\nspring.data.redis.url=${REDIS_URL}\n",
        "src/main/java/shop/Main.java": (
            "package shop;\nimport org.springframework.boot.*;\n@SpringBootApplication\npublic class Main {\n  public static void main(String[] a) {\n"
            '    SpringApplication.run(Main.class, a); System.getenv("X");\n  }\n}\n'
        ),
        "src/main/kotlin/shop/Main.kt": 'package shop\nfun main() { embeddedServer(Netty, port = System.getenv("PORT")?.toInt() ?: 8080) {}.start(true) }\n',
        "project.clj": '(defproject shop "1.0" :dependencies [[org.clojure/clojure "1.11.1"] [ring/ring-core "1.9"]] :main shop.core)\n',
        "deps.edn": '{:deps {ring/ring {:mvn/version "1.9"}} :aliases {:run {:main-opts ["-m" "shop.core"]}}}\n',
        "src/shop/core.clj": '(ns shop.core (:require [ring.adapter.jetty :as j]))\n(defn -main [] (j/run-jetty f {:port (System/getenv "PORT")}))\n',
    },
    "scala": {
        "build.sbt": (
            'ThisBuild / scalaVersion := "3.3.1"\nlazy val root = (project in file("."))\n  .enablePlugins(JavaAppPackaging)\n  .settings(\n'
            '    name := "shop",\n    libraryDependencies += "com.typesafe.akka" %% "akka-http" % "10.5.0"\n  )\n'
        ),
        "project/build.properties": "sbt.version=1.9.9\n",
        "project/plugins.sbt": 'addSbtPlugin("com.github.sbt" % "sbt-native-packager" % "1.10.0")\n',
        "src/main/scala/Main.scala": 'object Main extends App { Http().newServerAt("0.0.0.0", sys.env.getOrElse("PORT", "8080").toInt).bind(r) }\n',
    },
    "dotnet": {
        "Shop.sln": 'Project("{9A19103F}") = "Api", "src\\Api\\Api.csproj", "{1}"\nEndProject\n',
        "src/Api/Api.csproj": (
            '<Project Sdk="Microsoft.NET.Sdk.Web">\n  <PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup>\n  <ItemGroup>'
            '<PackageReference Include="Npgsql" Version="8.0.0" /><ProjectReference Include="..\\..\\..\\Lib\\Lib.csproj" /></ItemGroup>\n</Project>\n'
        ),
        "Directory.Build.props": '<Project><Import Project="../Directory.Build.props" /><PropertyGroup><A>$(A)</A></PropertyGroup></Project>\n',
        "global.json": '{"sdk": {"version": "8.0.100"}}\n',
        "src/Api/Program.cs": (
            "var builder = WebApplication.CreateBuilder(args);\nvar app = builder.Build();\napp.MapGet(\"/healthz\", () => \"ok\");\n"
            'app.Run(Environment.GetEnvironmentVariable("URLS") ?? "http://0.0.0.0:8080");\n'
        ),
        "src/Api/appsettings.json": '{"ConnectionStrings": {"Default": "Host=db;Database=shop"}, "Urls": "http://*:5000"}\n',
        "src/Api/Properties/launchSettings.json": '{"profiles": {"http": {"applicationUrl": "http://localhost:5001"}}}\n',
    },
    "elixir": {
        "mix.exs": (
            'defmodule Shop.MixProject do\n  use Mix.Project\n  def project, do: [app: :shop, version: "0.1.0", elixir: "~> 1.16", deps: deps()]\n'
            '  def application, do: [mod: {Shop.Application, []}]\n  defp deps, do: [{:phoenix, "~> 1.7"}, {:postgrex, ">= 0.0.0"}]\nend\n'
        ),
        "mix.lock": '%{\n  "phoenix": {:hex, :phoenix, "1.7.0", "abc", [:mix], [], "hexpm", "d"},\n}\n',
        "config/runtime.exs": 'import Config\nconfig :shop, ShopWeb.Endpoint, http: [port: String.to_integer(System.get_env("PORT") || "4000")]\n',
        "lib/shop/router.ex": 'defmodule ShopWeb.Router do\n  use Phoenix.Router\n  get "/health", Health, :show\nend\n',
    },
    "static": {
        "hugo.toml": 'baseURL = "https://example.org/"\ntheme = ["a"]\n[module]\n[[module.imports]]\npath = "github.com/a/b"\n',
        "content/_index.md": "# Hello\n",
        "_config.yml": "title: Shop\nplugins: [jekyll-feed]\ndestination: ./_out\n",
        "mkdocs.yml": "site_name: Shop\ntheme:\n  name: material\nplugins:\n  - search\n  - !ENV [X, y]\n",
        "conf.py": "project = 'Shop'\nextensions = ['sphinx.ext.autodoc']\n",
        "pelicanconf.py": "SITENAME = 'Shop'\nPATH = 'content'\nOUTPUT_PATH = 'out'\n",
        "book.toml": '[book]\ntitle = "Shop"\n[build]\nbuild-dir = "out"\n',
        "config.toml": 'base_url = "https://example.org"\n',
        "index.html": '<!doctype html><title>x</title><script src="app.js"></script><link href=https://fonts.example/x rel=stylesheet>\n',
        "docs/.vuepress/config.js": "export default { dest: 'out' }\n",
    },
}  # fmt: skip
"""A detector that is added to the catalog gets its manifests a place here; every detector sees every tree."""
