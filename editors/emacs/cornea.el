;;; cornea.el --- Cornea through eglot: completion, symbols, lists of places -*- lexical-binding: t -*-

;; Package-Requires: ((emacs "28.1") (eglot "1.9"))

;;; Commentary:

;; Makes eglot start `cornea lsp' in modes for which it knows no other server, and adds commands that list
;; places: `cornea-search', `cornea-similar', `cornea-locate'.  eglot has one server for a buffer: for a mode
;; that it knows one for, say (add-to-list 'eglot-server-programs '(python-mode "cornea" "lsp")), or put
;; both behind a multiplexer.

;;; Code:

(require 'eglot)
(require 'grep)
(require 'seq)
(require 'subr-x)

(defgroup cornea nil "Find code in your own repositories." :group 'tools)

(defcustom cornea-command '("cornea" "lsp")
  "The command that starts the server."
  :type '(repeat string))

(defcustom cornea-modes '(prog-mode text-mode)
  "The major modes, and those derived from them, that Cornea serves if nothing else is set up for them."
  :type '(repeat symbol))

;;;###autoload
(defun cornea-setup ()
  "Have eglot start Cornea in `cornea-modes', behind what it knows already."
  (add-to-list 'eglot-server-programs (cons cornea-modes cornea-command) t))

(defun cornea--server ()
  "The running server of this buffer's project; else the only one.
eglot need not manage the buffer.  Without any: a `user-error'."
  (let* ((ours (seq-filter (lambda (server) (equal (plist-get (eglot--server-info server) :name) "cornea"))
                           (apply #'append (hash-table-values eglot--servers-by-project))))
         (project (eglot--current-project)))
    (or (seq-find (lambda (server) (equal (eglot--project server) project)) ours)
        (and (null (cdr ours)) (car ours))
        (user-error "cornea: no server: M-x eglot in a file of the repository first"))))

(defun cornea--run (command argument)
  "The answer of COMMAND of the server to ARGUMENT, a property list."
  (condition-case err
      (jsonrpc-request (cornea--server) :workspace/executeCommand
                       (list :command command :arguments (vector argument)))
    (jsonrpc-error
     (user-error "cornea: %s" (or (alist-get 'jsonrpc-error-message (cddr err)) (cadr err))))))

(defun cornea--line (place)
  "PLACE, an answer's element, as a line of grep's."
  (let ((why (append (plist-get place :why) nil))
        (symbol (plist-get place :symbol)))
    (format "%s:%d: %s%s"
            (file-relative-name (eglot--uri-to-path (plist-get place :uri)))
            (plist-get place :line)
            (if (string-empty-p symbol)
                (car (split-string (or (plist-get place :text) "") "\n"))
              symbol)
            (if why (format "  (%s)" (string-join why "; ")) ""))))

(defun cornea--list (title places)
  "Show PLACES, a vector of answers, under TITLE, as grep does."
  (unless (seq-empty-p places) ; if it is, the server says so
    (let ((folder default-directory))
      (with-current-buffer (get-buffer-create "*cornea*")
        (setq default-directory folder)
        (let ((inhibit-read-only t))
          (erase-buffer)
          (insert title "\n\n" (mapconcat #'cornea--line places "\n") "\n"))
        (grep-mode)
        (goto-char (point-min))
        (display-buffer (current-buffer))))))

;;;###autoload
(defun cornea-search (query)
  "List code for QUERY: words, or a name."
  (interactive "sSearch code: ")
  (cornea--list (concat "Cornea: " query) (cornea--run "cornea.search" (list :query query))))

;;;###autoload
(defun cornea-similar ()
  "List code like that at point."
  (interactive)
  (unless (buffer-file-name)
    (user-error "cornea: this buffer has no file, so nothing can be similar to it"))
  (let ((place (list :line (1- (line-number-at-pos nil t)) :character 0)))
    (cornea--list "Cornea: similar code"
                  (cornea--run "cornea.similar"
                               (list :uri (eglot--path-to-uri (buffer-file-name)) :position place)))))

;;;###autoload
(defun cornea-locate (start end)
  "List the functions that the issue between START and END is about: the region, else the whole buffer."
  (interactive (if (use-region-p) (list (region-beginning) (region-end)) (list (point-min) (point-max))))
  (cornea--list "Cornea: where the issue is"
                (cornea--run "cornea.locate" (list :text (buffer-substring-no-properties start end)))))

(provide 'cornea)
;;; cornea.el ends here
