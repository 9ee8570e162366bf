{{- define "grantd.fullname" -}}
{{- if contains "grantd" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-grantd{{ end }}
{{- end }}

{{- define "grantd.selector" -}}
app.kubernetes.io/name: grantd
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "grantd.labels" -}}
{{ include "grantd.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "grantd.scheme" -}}
{{- if .Values.tls.existingSecret }}HTTPS{{ else }}HTTP{{ end }}
{{- end }}

{{- /* Says nothing, or refuses what would start and then not work. */}}
{{- define "grantd.check" -}}
{{- if and (gt (int .Values.replicas) 1) (not .Values.database.existingSecret) }}
{{- fail "replicas: several nodes need a PostgreSQL database that they share; set database.existingSecret" }}
{{- end }}
{{- if and .Values.database.existingSecret (not .Values.keys.existingSecret) }}
{{- fail "database.existingSecret: all nodes on PostgreSQL have the same master key and pepper; set keys.existingSecret" }}
{{- end }}
{{- end }}

{{- /* The configuration file: what the chart sets, then what the user adds. */}}
{{- define "grantd.config" -}}
issuer: {{ required "issuer is required: the public base URL, such as https://auth.example.com" .Values.issuer | quote }}
drain_timeout: {{ .Values.drainTimeoutSeconds }}s
{{- if .Values.admin.service.enabled }}
admin_listen: ":8081"
{{- end }}
{{- if .Values.tls.existingSecret }}
tls:
  cert_file: /etc/grantd-tls/tls.crt
  key_file: /etc/grantd-tls/tls.key
{{- end }}
{{- with .Values.config }}
{{ toYaml . }}
{{- end }}
{{- end }}
