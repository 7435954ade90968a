"""A made-up monorepo with any number of components, every stack in turn, each with a Dockerfile, a Deployment and a Service."""

from __future__ import annotations

from pathlib import Path

DOCKERFILE = "FROM {image}\nWORKDIR /app\nCOPY . .\nEXPOSE 8080\n"
MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      containers:
        - name: {name}
          image: registry.example.com/shop/{name}:1.0.0
          ports: [{{containerPort: 8080}}]
          readinessProbe:
            httpGet: {{path: /healthz, port: 8080}}
---
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  selector: {{app: {name}}}
  ports: [{{port: 80, targetPort: 8080}}]
"""
CSPROJ = """\
<Project Sdk="Microsoft.NET.Sdk.Web">
  <PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageReference Include="Npgsql" Version="8.0.3" /></ItemGroup>
</Project>
"""
PROGRAM_CS = """\
var builder = WebApplication.CreateBuilder(args);
var source = Npgsql.NpgsqlDataSource.Create(builder.Configuration["DATABASE_URL"]!);
var app = builder.Build();
app.MapGet("/healthz", () => "ok");
app.Run("http://0.0.0.0:8080");
"""
POM = """\
<project>
  <modelVersion>4.0.0</modelVersion>
  <parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId><version>3.3.4</version></parent>
  <groupId>com.example</groupId><artifactId>{name}</artifactId><version>1.0.0</version>
  <dependencies>
    <dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-web</artifactId></dependency>
  </dependencies>
  <build><plugins><plugin><groupId>org.springframework.boot</groupId><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build>
</project>
"""
APPLICATION_JAVA = """\
package com.example;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
public class Application {
  public static void main(String[] args) { SpringApplication.run(Application.class, args); }

  @GetMapping("/healthz")
  String health() { return System.getenv("REGION"); }
}
"""
MAIN_GO = """\
package main

import (
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(os.Getenv("REGION"))) })
	http.ListenAndServe(":8080", nil)
}
"""
MAIN_PY = """\
import os

from fastapi import FastAPI

app = FastAPI()
REGION = os.environ["REGION"]


@app.get("/healthz")
def health() -> str:
    return REGION
"""
MAIN_RS = """\
use axum::{routing::get, Router};

#[tokio::main]
async fn main() {
    let app = Router::new().route("/healthz", get(|| async { "ok" }));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
"""
MAIN_CPP = """\
#include <httplib.h>
#include <cstdlib>

int main() {
  httplib::Server server;
  server.Get("/healthz", [](const auto&, auto& response) { response.set_content(std::getenv("REGION"), "text/plain"); });
  server.listen("0.0.0.0", 8080);
}
"""
MIX = """\
defmodule Shop.MixProject do
  use Mix.Project
  def project, do: [app: :shop, version: "1.0.0", elixir: "~> 1.16", deps: [{:plug_cowboy, "~> 2.7"}]]
  def application, do: [mod: {Shop.Application, []}]
end
"""
APPLICATION_EX = """\
defmodule Shop.Application do
  use Application
  def start(_type, _args) do
    children = [{Plug.Cowboy, scheme: :http, plug: Shop.Router, options: [port: 8080]}]
    Supervisor.start_link(children, strategy: :one_for_one)
  end
end
"""
BUILD_SBT = 'scalaVersion := "3.4.2"\nlibraryDependencies += "org.http4s" %% "http4s-ember-server" % "0.23.27"\n'
MAIN_SCALA = """\
package shop

import org.http4s.ember.server.EmberServerBuilder

object Main extends IOApp.Simple {
  val run = EmberServerBuilder.default[IO].withHost(host"0.0.0.0").withPort(port"8080").withHttpApp(app).build.useForever
}
"""
MAIN_CLJ = """\
(ns shop.main
  (:require [ring.adapter.jetty :as jetty])
  (:gen-class))

(defn -main [& _]
  (jetty/run-jetty handler {:port 8080 :host (System/getenv "HOST")}))
"""
PROJECT_CLJ = '(defproject shop "1.0.0" :dependencies [[ring/ring-jetty-adapter "1.12.2"]] :main shop.main)\n'
EXPRESS = """\
const express = require("express");
const app = express();
app.get("/healthz", (request, response) => response.send(process.env.REGION));
app.listen(8080);
"""
PACKAGE = '{{"name": "{name}", "scripts": {{"start": "node server.js"}}, "dependencies": {{"express": "4.21.0"}}}}\n'
SERVE_TS = 'Deno.serve({ port: 8080 }, () => new Response("ok"));\n'
CARGO = '[package]\nname = "{name}"\nversion = "1.0.0"\n\n[dependencies]\naxum = "0.7"\ntokio = "1"\n'

STACKS: tuple[tuple[str, dict[str, str]], ...] = (
    ("python:3.12", {"requirements.txt": "fastapi==0.115.0\nuvicorn==0.30.6\n", "main.py": MAIN_PY}),
    ("node:22", {"package.json": PACKAGE, "server.js": EXPRESS}),
    ("denoland/deno:2.0.0", {"deno.json": '{"tasks": {"start": "deno run -A main.ts"}}\n', "main.ts": SERVE_TS}),
    ("golang:1.24", {"go.mod": "module example.com/{name}\n\ngo 1.24\n", "main.go": MAIN_GO}),
    ("eclipse-temurin:21", {"pom.xml": POM, "src/main/java/com/example/Application.java": APPLICATION_JAVA}),
    ("eclipse-temurin:21", {"build.sbt": BUILD_SBT, "src/main/scala/Main.scala": MAIN_SCALA}),
    ("clojure:lein", {"project.clj": PROJECT_CLJ, "src/shop/main.clj": MAIN_CLJ}),
    ("mcr.microsoft.com/dotnet/aspnet:8.0", {"{name}.csproj": CSPROJ, "Program.cs": PROGRAM_CS}),
    ("ruby:3.3", {"Gemfile": 'gem "sinatra"\ngem "puma"\n', "config.ru": 'require "./app"\nrun App\n',
                  "app.rb": 'require "sinatra/base"\nclass App < Sinatra::Base\n  get("/healthz") { ENV.fetch("REGION") }\nend\n'}),
    ("php:8.3", {"composer.json": '{"require": {"php": "^8.3"}}\n', "index.php": "<?php\necho getenv('REGION');\n"}),
    ("rust:1.80", {"Cargo.toml": CARGO, "src/main.rs": MAIN_RS}),
    ("elixir:1.16", {"mix.exs": MIX, "lib/application.ex": APPLICATION_EX}),
    ("gcc:14", {"CMakeLists.txt": "project({name} CXX)\nadd_executable({name} main.cpp)\ninstall(TARGETS {name})\n", "main.cpp": MAIN_CPP}),
    ("nginx:1.27", {"index.html": "<!doctype html><title>shop</title><p>hello\n", "style.css": "p { color: black }\n"}),
)  # fmt: skip
"""Base image and files of one component of each stack; `{name}` in a manifest stands for the component's."""
_NAMED = ("package.json", "go.mod", "pom.xml", "{name}.csproj", "Cargo.toml", "CMakeLists.txt")


def write(root: Path, components: int) -> None:
    """Fill `root` with so many components."""
    for number in range(components):
        image, files = STACKS[number % len(STACKS)]
        name = f"shop{number:04d}"
        texts = {path.format(name=name): _filled(path, text, name) for path, text in files.items()}
        texts["Dockerfile"] = DOCKERFILE.format(image=image)
        for path, text in texts.items():
            _write(root / "services" / name / path, text)
        _write(root / "k8s" / f"{name}.yaml", MANIFEST.format(name=name))


def _filled(path: str, text: str, name: str) -> str:
    if path == "package.json":
        return text.format(name=name)
    return text.replace("{name}", name) if path in _NAMED else text


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
