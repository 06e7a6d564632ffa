// All words as points, drawn by WebGL.

const VERTEX = `#version 300 es
in vec2 place;
uniform vec2 middle, scale;
uniform float size, count;
void main() {
  gl_Position = vec4((place - middle) * scale, 0, 1);
  // Frequent words are larger.
  gl_PointSize = size * (1.5 - 0.75 * sqrt(float(gl_VertexID) / count));
}`;

const FRAGMENT = `#version 300 es
precision highp float;
uniform vec4 colour;
uniform float size;
out vec4 pixel;
void main() {
  float distance = length(gl_PointCoord - 0.5) * 2.0;
  pixel = vec4(colour.rgb, 1) * colour.a * (1.0 - smoothstep(1.0 - 2.0 / size, 1.0, distance));
}`;

class Points {
  // Raises an error where there is no WebGL.
  constructor(canvas) {
    this.canvas = canvas;
    this.gl = canvas.getContext("webgl2", { antialias: false, depth: false });
    if (!this.gl) throw new Error("this browser has no WebGL");
    this.#prepare();
    // A computer that sleeps may forget everything.
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => {
      this.#prepare();
      this.load(this.points);
    });
  }

  load(points) {
    this.points = points;
    this.gl.bufferData(this.gl.ARRAY_BUFFER, points, this.gl.STATIC_DRAW);
  }

  draw(camera, [red, green, blue], opacity) {
    const { gl, canvas } = this;
    const ratio = canvas.width / camera.width;
    const count = this.points.length / 2;
    // Together they cover about a fifth of the map, and more of it nearer by.
    const even = Math.sqrt((camera.width * camera.height * 0.2) / count);
    const size = Math.min(Math.max(even, 1.25) * camera.zoom ** 0.35, 7) * ratio;
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2f(this.places.middle, camera.x, camera.y);
    gl.uniform2f(
      this.places.scale, (2 * camera.scale) / camera.width, (2 * camera.scale) / camera.height);
    gl.uniform1f(this.places.size, size);
    gl.uniform1f(this.places.count, count);
    gl.uniform4f(this.places.colour, red, green, blue, opacity);
    gl.drawArrays(gl.POINTS, 0, count);
  }

  #prepare() {
    const { gl } = this;
    const program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(gl.getProgramInfoLog(program));
    }
    gl.useProgram(program);
    this.places = Object.fromEntries(
      ["middle", "scale", "size", "count", "colour"].map((name) => [
        name, gl.getUniformLocation(program, name)]));
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    const place = gl.getAttribLocation(program, "place");
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, 2, gl.FLOAT, false, 0, 0);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }
}
